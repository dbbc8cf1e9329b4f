/** Where to go once signed in: an address of the console itself, never another site's. */
export interface SignInSearch {
  readonly back?: string;
  /** The token of a link was refused. */
  readonly refused?: boolean;
}

export const signInSearch = (search: Record<string, unknown>): SignInSearch => ({
  back: isOwn(search['back']) ? search['back'] : undefined,
  refused: search['refused'] === true ? true : undefined,
});

const isOwn = (back: unknown): back is string => typeof back === 'string' && /^\/(?![/\\])/.test(back);
