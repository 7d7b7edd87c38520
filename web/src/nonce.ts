/** What style sheets made at run time carry, so that the Content-Security-Policy lets them in. */
export const nonce: string = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
