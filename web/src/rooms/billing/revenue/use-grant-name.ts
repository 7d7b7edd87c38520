import { useNames } from "../names";
import { FEATURES } from "./grants";

/** A limit or a feature by what it is called. */
export function useGrantName(): (name: string) => string {
  const names = useNames();
  return (name) => (FEATURES.some((one) => one === name) ? names.feature(name) : names.limit(name));
}
