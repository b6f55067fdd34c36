"""Common given and family names of several origins, for invented residents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a family's names come from.

    Attributes:
        key: For tests and for reading.
        weight: Share in the city, in parts of a hundred.
        given: Given names with blanks between them.
        family: Family names, likewise.
        language: The language that its older members may prefer, of those the city writes in.
        language_share: How many of the families prefer it, from 0 to 1.
    """

    key: str
    weight: int
    given: str
    family: str
    language: str = "en"
    language_share: float = 0.0

    @property
    def given_names(self) -> list[str]:
        """Each given name."""
        return self.given.split()

    @property
    def family_names(self) -> list[str]:
        """Each family name."""
        return self.family.split()


ORIGINS = (
    Origin(
        "english",
        40,
        (
            "Emily James Olivia William Grace Henry Hannah Samuel Abigail Thomas Claire Daniel Nora "
            "Peter Ruth George Alice Edward Lucy Charles Margaret Walter Dorothy Frank Helen Arthur "
            "Rose Jack"
        ),
        (
            "Smith Johnson Miller Davis Wilson Anderson Taylor Moore Clark Lewis Walker Hall Young "
            "Allen Wright Hill Green Adams Baker Nelson Carter Mitchell Roberts Turner Phillips Parker "
            "Evans Collins"
        ),
    ),
    Origin(
        "spanish",
        18,
        (
            "María José Ana Luis Carmen Carlos Sofía Miguel Lucía Javier Elena Diego Rosa Pedro Isabel "
            "Andrés Paula Manuel Teresa Rafael Gabriela Fernando Valeria Jorge"
        ),
        (
            "García Rodríguez Martínez Hernández López González Pérez Sánchez Ramírez Torres Flores "
            "Rivera Gómez Díaz Cruz Morales Ortiz Gutiérrez Chávez Ramos Ruiz Mendoza"
        ),
        "es",
        0.6,
    ),
    Origin(
        "arabic",
        7,
        (
            "Fatima Ahmed Layla Omar Mariam Yusuf Amina Khalid Noor Hassan Salma Ibrahim Rania Karim "
            "Huda Tariq Zainab Samir Dina Mahmoud"
        ),
        (
            "Haddad Khoury Nasser Mansour Saleh Hamdan Darwish Aziz Farah Rahman Sabbagh Najjar Qasim "
            "Shaheen Tawfiq Younis"
        ),
        "ar",
        0.55,
    ),
    Origin(
        "vietnamese",
        6,
        ("Linh Minh Hoa Tuan Mai Duc Lan Hung Thu Quang Ngoc Khanh Phuong Bao"),
        ("Nguyen Tran Le Pham Hoang Phan Vu Dang Bui Do Ngo Duong"),
    ),
    Origin(
        "chinese",
        6,
        ("Mei Wei Xiu Jun Ling Ming Yan Hao Fang Lei Hui Jian Qing Bo"),
        ("Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Lin He"),
    ),
    Origin(
        "filipino",
        5,
        ("Maricel Jose Liza Ramon Cristina Antonio Joy Emilio Grace Rodel Imelda Noel"),
        ("Reyes Santos Bautista Aquino Villanueva Mercado Castillo Navarro Salazar Domingo"),
    ),
    Origin(
        "indian",
        5,
        ("Priya Arjun Anjali Rahul Meera Vikram Kavita Sanjay Lakshmi Ravi Nisha Amit"),
        ("Patel Sharma Singh Kumar Gupta Reddy Iyer Mehta Nair Joshi Das Kaur"),
    ),
    Origin(
        "slavic",
        5,
        ("Olena Ivan Natalia Dmytro Svitlana Andrij Irina Pavel Katya Mykola Vera Sergei"),
        ("Kovalenko Ivanov Petrenko Novak Shevchenko Volkov Bondar Melnyk Popov Kuznetsov"),
    ),
    Origin(
        "horn",
        4,
        ("Hodan Abdi Selam Dawit Ayan Yonas Sahra Mohamed Hiwot Bekele Ifrah Ali"),
        ("Abdi Tesfaye Warsame Haile Farah Bekele Osman Girma Jama Alemu"),
    ),
    Origin(
        "nordic",
        4,
        ("Ingrid Erik Astrid Lars Karin Nils Solveig Olav Sigrid Anders Freya Leif"),
        ("Hansen Olsen Larsen Berg Lindqvist Nilsen Dahl Johansen Lund Strand"),
    ),
)
