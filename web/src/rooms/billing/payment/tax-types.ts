/** The kinds of tax ids that Stripe knows and that are asked for most, with an example of each. */
export const TAX_TYPES = [
  ["eu_vat", "DE123456789"],
  ["gb_vat", "GB123456789"],
  ["ch_vat", "CHE-123.456.789 MWST"],
  ["no_vat", "123456789MVA"],
  ["us_ein", "12-3456789"],
  ["ca_bn", "123456789"],
  ["au_abn", "12345678912"],
  ["nz_gst", "123456789"],
  ["in_gst", "12ABCDE3456FGZH"],
  ["jp_cn", "1234567891234"],
  ["br_cnpj", "01.234.456/5432-10"],
  ["sg_uen", "123456789F"],
] as const;

export const EU = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"];
/** The countries that can be chosen for an address (ISO 3166-1). */
export const COUNTRIES = [...EU, "AR", "AU", "BR", "CA", "CH", "CL", "CN", "CO", "GB", "HK", "ID", "IL", "IN", "IS", "JP", "KE", "KR", "LI", "MX", "MY", "NG", "NO", "NZ", "PH", "RS", "SA", "SG", "TH", "TR", "TW", "UA", "US", "VN", "ZA", "AE"];
