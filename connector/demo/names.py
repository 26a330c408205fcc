"""Given and family names of many cultures, and the letters a network login makes of them."""

from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize


class Culture(NamedTuple):
    """Names that go together; `share` is how many of a hundred students bear them."""

    share: int
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(" ".join(name.split()) for name in text.split(","))


CULTURES = (
    Culture(  # Anglo and Irish
        44,
        _names(
            "Amelia, Charlotte, Isla, Olivia, Mia, Ava, Grace, Willow, Harper, Matilda, Evie, Ruby, Zoe, Ella, Lucy, "
            "Poppy, Hannah, Georgia, Imogen, Freya, Scarlett, Daisy, Tess, Bridget, Niamh, Phoebe, Abigail, Lily, "
            "Mary Anne, Beth, Jade, Keira, Nora, Paige, Skye, Vivian"
        ),
        _names(
            "Oliver, Noah, Jack, Henry, William, Leo, Thomas, James, Lachlan, Hamish, Angus, Archie, Cooper, Max, "
            "Samuel, Ethan, Harrison, Finn, Declan, Rory, Toby, Edward, Patrick, Zachary, Jean-Luc, Callum, Bailey, "
            "Dylan, Flynn, Gabriel, Isaac, Kai, Mitchell, Nathan, Riley, Xavier"
        ),
        _names(
            "Smith, Jones, Williams, Brown, Wilson, Taylor, Johnson, White, Martin, Anderson, Thompson, Walker, "
            "Harris, Lewis, Robinson, Wright, King, Hall, Clarke, Green, Baker, Hill, Turner, Mitchell, Campbell, "
            "Stewart, Parker, Evans, Edwards, Collins, Morris, Cook, Rogers, Reid, Bell, Ward, Gray, Watson, Brooks, "
            "Kelly, Price, Bennett, Wood, Barnes, Ross, Henderson, Coleman, Jenkins, Perry, Powell, Long, Patterson, "
            "Hughes, Foster, Gibson, Hayes, Ford, Graham, Fletcher, Marshall, Murray, Wallace, West, Simpson, "
            "Ellis, Chapman, Webb, Barker, Palmer, Dixon, Hunt, Mason, Knight, Lloyd, Fraser, Burke, Quinn, Doyle, "
            "Kerr, Lane, Nash, Osborne, Pearce, Rowe, Savage, Thorne, Underwood, Vaughan, Yates, O'Brien, O’Connor, "
            "O'Neill, McDonald, MacKenzie, St John, Fitzgerald, D’Arcy, Ashby-Cole, Lloyd-Jones, Carmichael-Whitby"
        ),
    ),
    Culture(  # Aboriginal and Torres Strait Islander
        6,
        _names("Kirra, Tarni, Marlee, Lowanna, Kyah, Talisha, Jarra, Tallara, Shanaya, Bindi, Alinta, Merindah"),
        _names("Jarrah, Koa, Kobi, Yarran, Darby, Waru, Malakai, Jirra, Tyrell, Banjo, Kulan, Daku"),
        _names(
            "Nona, Bani, Gela, Sagigi, Thaiday, Mosby, Pabai, Watego, Doolan, Tipungwuti, Wunuŋmurra, Dhurrkay, "
            "Garrawurra, Geia, Sailor, Whap, Blackley, Saltner"
        ),
    ),
    Culture(  # Vietnamese
        7,
        _names("Linh, Mai, Thảo, Ngọc Anh, Hương, Lan, Vy, Trang, Bích, Quyên, Uyên, Kim"),
        _names("Minh, Đức, Hùng, Bảo, Khôi, Tuấn, Nam, Phúc, Quang, Việt, An, Sơn"),
        _names(
            "Nguyễn, Nguyen, Nguyen, Trần, Tran, Lê, Phạm, Pham, Hoàng, Vũ, Võ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý, "
            "Lam, Truong, Huynh, Cao, Luong"
        ),
    ),
    Culture(  # Chinese, romanised
        8,
        _names("Xinyi, Yuting, Emily, Jiayi, Mei Ling, Wen, Hui, Qing, Siyu, Fang, Ting, Rui"),
        _names("Haoran, Jun, Kevin, Zihan, Yichen, Wei, Bo, Lei, Tao, Ming, Daniel, Guang"),
        _names(
            "Chen, Wang, Li, Zhang, Liu, Huang, Zhou, Wu, Xu, Sun, Zhu, Hu, Guo, He, Lin, Gao, Luo, Zheng, Liang, "
            "Xie, Tang, Feng, Deng, Ouyang, Cheung, Wong, Leung, Kwok, Yip"
        ),
    ),
    Culture(  # Indian and Sri Lankan
        9,
        _names("Priya, Ananya, Diya, Harpreet, Ishita, Kavya, Lakshmi, Meera, Nisha, Riya, Saanvi, Tanvi, Vidya"),
        _names(
            "Arjun, Dev, Gurpreet, Ishaan, Karthik, Lakshan, Nikhil, Rohan, Sanjay, Tharindu, Vikram, Aditya, Yash"
        ),
        _names(
            "Patel, Singh, Kaur, Sharma, Kumar, Gill, Reddy, Nair, Iyer, Gupta, Rao, Mehta, Joshi, Fernando, Perera, "
            "de Silva, Wickramasinghe, Jayawardena, Balasubramaniam, Chaudhary, Bhatt, Desai, Khanna, Menon, Pillai, "
            "Thomas, Varghese, Zachariah"
        ),
    ),
    Culture(  # Arabic, Persian and Turkish
        7,
        _names("Aisha, Fatima, Layla, Maryam, Noor, Yasmin, Zahra, Hana, Elif, Işıl, Özge, Rania, Samira"),
        _names("Ahmed, Ali, Hassan, Ibrahim, Khalid, Omar, Yusuf, Tariq, İlker, Çağrı, Emre, Bilal, Mustafa"),
        _names(
            "Al-Hassan, El-Sayed, Khalil, Haddad, Mansour, Saleh, Rahman, Abdi, bin Rashid, Khoury, Nasser, "
            "Yılmaz, Şahin, Öztürk, Kılıç, İnan, Aydın, Demir, Farah, Mohamud, Qureshi, Zaman, Al Jaziri"
        ),
    ),
    Culture(  # Greek, Italian and Balkan
        6,
        _names("Eleni, Sofia, Despina, Giulia, Chiara, Bianca, Ivana, Milica, Zoë, Katerina, Lucia, Renée"),
        _names("Nikolaos, Dimitri, Yiannis, Stavros, Luca, Marco, Matteo, Goran, Željko, Petar, Andrea, Vasilis"),
        _names(
            "Papadopoulos, Georgiou, Vlahos, Konstantinidis, Karagiannis, Rossi, Romano, De Luca, D'Angelo, "
            "Di Stefano, Horvat, Kovač, Jurić, Petrović, Đorđević, Ćosić, Marković, Triantafyllou, Zafiris"
        ),
    ),
    Culture(  # Pacific and Maori
        6,
        _names("Sina, Leilani, Mele, Ana, Losa, Talia, Aroha, Marama, Ngaire, Sela, Vika, Fetu"),
        _names("Sione, Tevita, Mika, Iosefa, Tama, Rangi, Wiremu, Semisi, Viliami, Lote, Epeli, Hemi"),
        _names(
            "Fonua, Taufa, Tuilagi, Leota, Faleafa, Māhina, Tūhoe, Ngata, Parata, Vainikolo, Moala, Latu, Havili, "
            "Ratu, Seumalo, Toʻomua, Kauhalalalo, Uele, Ioane, Pōtiki"
        ),
    ),
    Culture(  # Nordic, German, Dutch and Polish
        5,
        _names("Astrid, Ingrid, Saga, Åsa, Liesl, Anneke, Zofia, Agnieszka, Małgorzata, Grażyna, Maja, Signe"),
        _names("Søren, Lars, Bjørn, Åke, Jürgen, Pieter, Łukasz, Wojciech, Stanisław, Nils, Ruben, Mads"),
        _names(
            "van der Berg, van Dijk, de Vries, Jørgensen, Sørensen, Ångström, Bjørnstad, Nygård, Müller, Groß, "
            "Schröder, Kowalski, Wójcik, Łuczak, Żukowski, Dąbrowski, Lindqvist, Halvorsen, Østergaard, von Hagen"
        ),
    ),
    Culture(
        2,
        _names("Yuki, Hana, Ji-woo, Maria"),
        _names("Ken, Ren, Min-jun, Jose"),
        _names("Tanaka, Sato, Kim, Park, Suzuki, Choi, Santos, Cruz"),
    ),
)
"""The school's cultures; the shares add up to a hundred."""

MIDDLES = _names(
    "Rose, James, Grace, Lee, Jane, John, Marie, William, Ann, Peter, Louise, Robert, Kate, David, May, Charles, "
    "Elizabeth, Paul, Faye, Victor, Noelle, Hugh, Olive, Quentin, Hope, Zane"
)
NICKNAMES = {
    "Amelia": "Millie",
    "Charlotte": "Charlie",
    "William": "Will",
    "Thomas": "Tom",
    "James": "Jim",
    "Samuel": "Sam",
    "Abigail": "Abby",
    "Zachary": "Zac",
    "Edward": "Ted",
    "Patrick": "Paddy",
    "Nikolaos": "Nick",
    "Katerina": "Kat",
    "Mary Anne": "Molly",
    "Agnieszka": "Aga",
    "Xinyi": "Cindy",
    "Haoran": "Howard",
    "Ngọc Anh": "Annie",
}
"""Preferred names that go with a given name; the given name stays the legal one."""

_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "ł": "l", "đ": "d", "ı": "i", "ß": "ss", "þ": "th", "ð": "d", "ŋ": "ng"}
)


@lru_cache(maxsize=8192)
def letters(name: str) -> str:
    """The name in the letters a to z, as an IT department writes it in a login; "" for a name in another script."""
    return "".join(c for c in normalize("NFKD", name.lower().translate(_LETTERS)) if "a" <= c <= "z")


def first_word(given: str) -> str:
    """The first of several given names; a hyphenated one counts as one."""
    return given.split(" ", maxsplit=1)[0]
