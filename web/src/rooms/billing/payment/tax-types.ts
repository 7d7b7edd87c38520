export const EU = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"];

/** The kinds of tax ids that Stripe knows and that are asked for most, with an example of each and the countries whose buyers have them. */
export const TAX_TYPES = [
  ["eu_vat", "DE123456789", [...EU, "GB", "MC"]],
  ["gb_vat", "GB123456789", ["GB"]],
  ["ch_vat", "CHE-123.456.789 MWST", ["CH", "LI"]],
  ["no_vat", "123456789MVA", ["NO"]],
  ["us_ein", "12-3456789", ["US"]],
  ["ca_bn", "123456789", ["CA"]],
  ["au_abn", "12345678912", ["AU"]],
  ["nz_gst", "123456789", ["NZ"]],
  ["in_gst", "27AAPFU0939F1ZV", ["IN"]],
  ["jp_cn", "1234567891234", ["JP"]],
  ["br_cnpj", "01.234.456/5432-10", ["BR"]],
  ["sg_uen", "123456789F", ["SG"]],
] as const satisfies readonly (readonly [string, string, readonly string[]])[];

/** The countries that can be chosen for an address (ISO 3166-1). */
export const COUNTRIES = [...EU, "AR", "AU", "BR", "CA", "CH", "CL", "CN", "CO", "GB", "HK", "ID", "IL", "IN", "IS", "JP", "KE", "KR", "LI", "MX", "MY", "NG", "NO", "NZ", "PH", "RS", "SA", "SG", "TH", "TR", "TW", "UA", "US", "VN", "ZA", "AE"];
