import type { DomainId, TriggerId } from '@flow/kernel';
import type { SavedInput } from './saved-input';

/** Saved inputs of triggers, in one store with these: they go with their trigger. */
export abstract class SavedInputStore {
  /** `taken` when its trigger has one of the name, `full` when it has `most`: then nothing changes. */
  abstract add(input: SavedInput, most: number): Promise<'added' | 'taken' | 'full'>;

  abstract find(domain: DomainId, triggerId: TriggerId, name: string): Promise<SavedInput | undefined>;

  /** Sorted by name (code points). */
  abstract list(domain: DomainId, triggerId: TriggerId): Promise<readonly SavedInput[]>;

  /** False when there is none. */
  abstract remove(domain: DomainId, triggerId: TriggerId, name: string): Promise<boolean>;
}
