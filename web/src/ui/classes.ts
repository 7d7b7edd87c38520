import { clsx, type ClassValue } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names put together; a later Tailwind class wins over an earlier one of its kind. */
export function classes(...names: ClassValue[]): string {
  return twMerge(clsx(names));
}
