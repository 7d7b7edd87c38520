interface Part<T> {
  items: T[];
  next_cursor: string | null;
}

/** All parts of a list, one after the other, for what is shown or chosen from as a whole. */
export async function everything<T>(part: (cursor: { cursor?: string }) => Promise<Part<T>>): Promise<{ items: T[] }> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const found: Part<T> = await part(cursor === null ? {} : { cursor });
    items.push(...found.items);
    cursor = found.next_cursor;
  } while (cursor !== null);
  return { items };
}
