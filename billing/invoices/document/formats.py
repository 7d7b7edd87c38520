"""Amounts, numbers, days and countries as a language writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from billing.invoices.money import decimals

LOCALES = {"en": "en_GB", "pt": "pt_PT", "zh": "zh_Hans_CN"}
ENGLISH = {"US": "en_US", "CA": "en_CA", "AU": "en_AU", "NZ": "en_NZ", "IE": "en_IE"}
CHINESE = {"TW": "zh_Hant_TW", "HK": "zh_Hant_HK", "MO": "zh_Hant_MO"}


@dataclass(frozen=True)
class Formats:
    """How one document writes; days are those of UTC, as periods are."""

    locale: Locale
    currency: str

    @classmethod
    def of(cls, language: str, country: str, currency: str) -> Formats:
        """For a language as it is written in the buyer's country, where that is told apart."""
        own = {"en": ENGLISH}.get(language, {}).get(country)
        if language == "pt" and country == "BR":
            own = "pt_BR"
        return cls(_locale(own or LOCALES.get(language, language)), currency.upper())

    def money(self, amount: int) -> str:
        """An amount of the document's currency."""
        digits = decimals(self.currency)
        value = Decimal(amount).scaleb(-digits)
        shape = "#,##0" + ("." + "0" * digits if digits else "")
        # Without its sign: a currency's sign stands where the language wants it.
        pattern = str(self.locale.currency_formats["standard"].pattern).split(";")[0]
        own = pattern.replace("#,##0.00", shape).replace("#,##,##0.00", shape)
        return format_currency(
            value, self.currency, own, locale=self.locale, currency_digits=False
        ).replace("-", "\N{MINUS SIGN}", 1)

    def price(self, unit_amount: str) -> str:
        """What one costs, in minor units with as many places as there are."""
        digits = decimals(self.currency)
        value = Decimal(unit_amount).scaleb(-digits)
        places = max(digits, -int(value.normalize().as_tuple().exponent))
        shape = "#,##0" + ("." + "0" * places if places else "")
        pattern = str(self.locale.currency_formats["standard"].pattern).split(";")[0]
        own = pattern.replace("#,##0.00", shape)
        return format_currency(value, self.currency, own, locale=self.locale, currency_digits=False)

    def number(self, value: int) -> str:
        """A quantity."""
        return format_decimal(value, locale=self.locale)

    def percent(self, percentage: str) -> str:
        """A rate such as ``19`` or ``8.875``."""
        value = Decimal(percentage) / 100
        places = max(0, -int(Decimal(percentage).normalize().as_tuple().exponent))
        shape = "#,##0" + ("." + "0" * places if places else "")
        pattern = str(self.locale.percent_formats[None].pattern).replace("#,##0", shape)
        return format_percent(value, pattern, locale=self.locale)

    def day(self, moment: float) -> str:
        """A day with its month in words."""
        return format_date(_day(moment), "long", locale=self.locale)

    def short_day(self, moment: float) -> str:
        """A day for a narrow column."""
        return format_date(_day(moment), "medium", locale=self.locale)

    def country(self, code: str) -> str:
        """A country in words."""
        return str(self.locale.territories.get(code.upper(), code))

    @property
    def currency_name(self) -> str:
        """The currency in words, with its code."""
        name = self.locale.currencies.get(self.currency)
        return f"{self.currency} ({name})" if name else self.currency


def _day(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)
