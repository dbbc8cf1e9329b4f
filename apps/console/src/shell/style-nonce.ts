/** What the service lets style elements of this page carry: a new one with every page that it sends. */
export const styleNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
