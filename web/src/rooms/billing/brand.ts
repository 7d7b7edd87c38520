/** A brand as Stripe writes it, "visa", as people do. */
export function brandName(brand: string): string {
  return brand.charAt(0).toUpperCase() + brand.slice(1).replaceAll("_", " ");
}
