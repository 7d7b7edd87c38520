/** How many characters a password has at least; the server checks it. */
export const SHORTEST_PASSWORD = 10;
