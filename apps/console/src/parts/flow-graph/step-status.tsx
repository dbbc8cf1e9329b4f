import {
  CheckCircleFillIcon,
  CircleIcon,
  ClockIcon,
  DotFillIcon,
  SkipIcon,
  SyncIcon,
  XCircleFillIcon,
  type Icon,
} from '@primer/octicons-react';
import type { StepState } from './graph';

/** A status is an icon and a colour, never a colour alone. */
export const STEP_STATUS: Readonly<Record<StepState['status'], { readonly Icon: Icon; readonly color: string }>> = {
  pending: { Icon: CircleIcon, color: 'var(--state-muted)' },
  running: { Icon: DotFillIcon, color: 'var(--state-running)' },
  retrying: { Icon: SyncIcon, color: 'var(--state-waiting)' },
  waiting: { Icon: ClockIcon, color: 'var(--state-waiting)' },
  succeeded: { Icon: CheckCircleFillIcon, color: 'var(--state-succeeded)' },
  failed: { Icon: XCircleFillIcon, color: 'var(--state-failed)' },
  skipped: { Icon: SkipIcon, color: 'var(--state-muted)' },
  cancelled: { Icon: SkipIcon, color: 'var(--state-muted)' },
};
