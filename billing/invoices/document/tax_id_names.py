"""What a tax number is called, by Stripe's type of it."""

from __future__ import annotations

from collections.abc import Mapping

VAT = frozenset(
    ("eu_vat", "gb_vat", "ch_vat", "no_vat", "is_vat", "za_vat", "sa_vat", "ae_trn", "ua_vat")
)
REGISTRATION = frozenset(("jp_trn", "jp_cn", "jp_rn", "de_hrb"))
OWN_NAMES = {
    "us_ein": "EIN",
    "au_abn": "ABN",
    "au_arn": "ARN",
    "in_gst": "GSTIN",
    "ca_bn": "BN",
    "ca_gst_hst": "GST/HST",
    "ca_qst": "QST",
    "nz_gst": "GST",
    "sg_gst": "GST",
    "br_cnpj": "CNPJ",
    "br_cpf": "CPF",
    "mx_rfc": "RFC",
    "es_cif": "CIF",
    "cl_tin": "RUT",
    "ch_uid": "UID",
    "kr_brn": "BRN",
    "cn_tin": "TIN",
    "tw_vat": "VAT",
    "il_vat": "VAT",
    "no_voec": "VOEC",
    "eu_oss_vat": "OSS VAT",
    "de_stn": "St.-Nr.",
    "hk_br": "BR",
}
"""Names of their own, which stay as they are in every language."""


def named(kind: str, value: str, texts: Mapping[str, str]) -> str:
    """A tax number with its name, such as ``VAT ID DE123456789``."""
    if kind in VAT:
        name = texts["vat_id"]
    elif kind in REGISTRATION:
        name = texts["registration_number"]
    else:
        name = OWN_NAMES.get(kind, texts["tax_number"])
    return f"{name} {value}".strip()
