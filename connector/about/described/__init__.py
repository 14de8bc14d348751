"""A recipient that nobody wrote code for: a TOML file says what it is, what may be called there, and how."""

from connector.about.described.judging import GOOGLE as GOOGLE
from connector.about.described.making import ORDER as ORDER
from connector.about.described.making import about_of as about_of
from connector.about.described.making import channel_of as channel_of
from connector.about.described.making import finals_of as finals_of
from connector.about.described.making import interests_of as interests_of
from connector.about.described.parts import Call as Call
from connector.about.described.parts import Described as Described
from connector.about.described.parts import Does as Does
from connector.about.described.parts import Look as Look
from connector.about.described.parts import Retention as Retention
from connector.about.described.parts import Thing as Thing
from connector.about.described.reading import read_description as read_description
