"""The people the demo is about: every school has them, and each shows one thing the connector does."""

from datetime import date

from connector.demo.people import THIS_YEAR, Person, began

TERM_2 = date(2026, 4, 20)
LAST_TERM = date(2025, 12, 12)

ENROLLED = (
    # Names that logins must be made of; chance decides what the directory says of them.
    Person("Siobhán", "O'Brien", "Kate", year=8, begin=began(2025)),
    Person("Chiara", "D’Angelo", "Maria", year=10, begin=began(2023)),
    Person("Pieter", "van der Berg", "Jan", year=5, begin=began(2021)),
    Person("Søren", "Bjørnstad", year=9, begin=began(2024)),
    Person("Łukasz", "Wójtowicz", "Jan", year=11, begin=began(2022)),
    Person("İlker", "Kılıçoğlu", year=6, begin=began(2020)),
    Person("Renée", "Đurić", "Ana", year=12, begin=began(2021)),
    Person("", "Suryani", year=7, begin=began(2025)),
    Person("Maximilian-Alexander", "Wickramasinghe-Balasubramaniam", "Tharindu", "Max", 10, began(2023)),
    Person("Mary Anne", "St Clair", "Hope", "Molly", 4, began(2022)),
    # Twins with equal initials, with and without middle names; two of one name; a teacher who was there first.
    Person("Ava", "Chenoweth", "Rose", year=4, begin=began(2022), story="clean"),
    Person("Amelia", "Chenoweth", "Jane", "Millie", 4, began(2022), story="clean"),
    Person("Leo", "Papandreou", year=9, begin=THIS_YEAR, story="clean"),
    Person("Luka", "Papandreou", year=9, begin=THIS_YEAR, story="clean"),
    Person("Sophie", "Tailor", "May", year=7, begin=THIS_YEAR, story="clean"),
    # TrackOne and the network gave two namesakes each other's name.
    Person("Minh", "Nguyễn", year=8, begin=began(2025), story="swapped"),
    Person("Mai", "Nguyen", year=11, begin=began(2024), story="swapped"),
    # Names in another script: no username can be made of them, but one that is there stays.
    Person("娜", "李", year=8, begin=THIS_YEAR, story="no-username"),
    Person("محمد", "الأحمد", year=3, begin=THIS_YEAR, story="no-username"),
    Person("小明", "王", year=12, begin=began(2021), story="clean"),
    # Accounts made by hand before the SIS knew the student: one the directory can prove, one it cannot.
    Person("Toby", "Kingsley", "John", year=7, begin=THIS_YEAR, story="linked-by-directory"),
    Person("Ruby", "Wardell", "Faye", year=7, begin=THIS_YEAR, story="username-taken"),
    # A login that IT gave again after its first owner had left.
    Person("Ethan", "Hallam", "Lee", year=7, begin=THIS_YEAR, story="login-reissued"),
    # A family that shares one e-mail address in the SIS.
    Person("Isla", "Fairweather", "Grace", year=2, begin=began(2024), story="family-email"),
    Person("Hugo", "Fairweather", "Paul", year=5, begin=began(2021), story="family-email"),
    # Was away for a year and came back; a person archived the account, so a person must restore it.
    Person(
        "Tāne",
        "Paewai",
        year=9,
        begin=THIS_YEAR,
        earlier=(began(2022), date(2024, 12, 13)),
        story="returned",
    ),
)
