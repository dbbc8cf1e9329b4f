import { AppError, RequestInvalid } from '@flow/kernel';

/** An address that nothing can be delivered to, whatever stands there. */
export class CallbackUrlInvalid extends RequestInvalid {
  constructor(pointer: string, message: string) {
    super([{ pointer, code: 'callback_url.invalid', message }], 'callback_url.invalid');
  }
}

/** An address of the network around this service, which OUTBOUND_ALLOW does not name. */
export class CallbackUrlBlocked extends RequestInvalid {
  constructor(pointer: string, message: string) {
    super([{ pointer, code: 'callback_url.blocked', message }], 'callback_url.blocked');
  }
}

export class DeadLetterNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'dead_letter.not_found';
  constructor(id: string) {
    super(`No dead letter has the id ${id}; it may have been driven anew or deleted.`, { id });
  }
}

export class RedriveTargetMissing extends RequestInvalid {
  constructor() {
    super(
      [
        {
          pointer: '',
          code: 'redrive.target_missing',
          message: 'Name what to deliver anew: {"ids": ["..."]} or {"filter": {...}} ({} is all of the domain).',
        },
      ],
      'redrive.target_missing',
    );
  }
}

/** Somebody else rotated it at the same moment; nothing was changed. */
export class WebhookSecretChanged extends AppError {
  readonly kind = 'conflict';
  readonly code = 'webhook_secret.changed';
  constructor() {
    super(
      'The signing secret was changed at this very moment by another request; look at it, and rotate again if need be.',
    );
  }
}
