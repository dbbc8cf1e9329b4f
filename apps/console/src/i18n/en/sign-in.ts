export const signIn = {
  title: 'Sign in',
  token: 'Token',
  placeholder: 'fa_...',
  hint: 'The first start of the service prints an admin token. Tokens of your own are made under Settings.',
  submit: 'Sign in',
  refused: 'This token is not valid: it is mistyped, has expired or was revoked.',
  fragment: 'The link that you followed has a token that is not valid any more. Paste another one.',
  empty: 'Paste a token.',
} as const;
