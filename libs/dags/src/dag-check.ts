import type { Fault, Json } from '@flow/kernel';
import type { OperatorCatalogue, Step } from '@flow/operators';
import type { DagLimits } from './dag-limits';
import type { Places } from './dag-places';
import type { Faults } from './faults';

/** What a definition came to: it may be saved when there is no fault. Warnings name what is allowed and probably not meant. */
export interface DagCheck {
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

/** What the checks of one definition share. */
export interface CheckContext {
  readonly catalogue: OperatorCatalogue;
  readonly limits: DagLimits;
  readonly places: Places;
  readonly steps: readonly Step[];
  /** Names of the variables that the definition declares. */
  readonly vars: ReadonlySet<string>;
  readonly outputs: Json | undefined;
  readonly faults: Faults;
  readonly warnings: Faults;
}
