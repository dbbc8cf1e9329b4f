import { RequestInvalid } from '@flow/kernel';

export class SessionTokenTooLong extends RequestInvalid {
  constructor(longest: number) {
    super([
      {
        pointer: '',
        code: 'session.token_too_long',
        message: `Browsers keep no cookie with a token of more than ${longest} characters; send it as Authorization with each request.`,
      },
    ]);
  }
}
