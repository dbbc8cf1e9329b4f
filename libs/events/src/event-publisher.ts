import type { WaitingEvent } from './event';

/** Tells events to the world outside. */
export abstract class EventPublisher {
  /**
   * Resolves when every one of them is kept where it is told. Of one key they are told in the order of the list. When it fails, any of them may have been
   * told: the same list is given again. Comes to an end within half a minute, whatever happens. @throws AppError that says what to do
   */
  abstract publish(events: readonly WaitingEvent[]): Promise<void>;
}
