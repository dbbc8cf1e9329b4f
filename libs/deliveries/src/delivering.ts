import type { Clock, IdGenerator, Random } from '@flow/kernel';
import type { HttpClient } from '@flow/platform';
import type { SecretBox } from '@flow/secrets';
import { DeadLetters } from './dead-letters.service';
import { Deliverer, type DelivererEvents } from './deliverer';
import { Deliveries } from './deliveries.service';
import type { DeliveryStore } from './delivery.store';
import type { WebhookSecretStore } from './webhook-secret.store';
import { WebhookSecrets } from './webhook-secrets.service';

/** What delivering takes. */
export interface DeliveringParts {
  readonly store: DeliveryStore;
  readonly secretStore: WebhookSecretStore;
  readonly box: SecretBox;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdGenerator;
}

/** The deliverer of a process with everything around it, wired. */
export class Delivering {
  readonly secrets: WebhookSecrets;
  readonly deliverer: Deliverer;
  readonly deliveries: Deliveries;
  readonly deadLetters: DeadLetters;

  constructor({ store, secretStore, box, http, clock, random, ids }: DeliveringParts, events: DelivererEvents) {
    this.secrets = new WebhookSecrets(secretStore, box, clock, random, ids);
    this.deliverer = new Deliverer(store, http, this.secrets, clock, random, events);
    this.deliveries = new Deliveries(store, http, this.deliverer, clock);
    this.deadLetters = new DeadLetters(store, this.deliveries, this.deliverer, clock);
  }
}
