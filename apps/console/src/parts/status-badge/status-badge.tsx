import {
  CheckCircleFillIcon,
  CircleSlashIcon,
  ClockIcon,
  DotFillIcon,
  HourglassIcon,
  PauseIcon,
  SkipIcon,
  StopIcon,
  SyncIcon,
  XCircleFillIcon,
  type Icon,
} from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import classes from './status-badge.module.css';

interface Look {
  readonly Icon: Icon;
  readonly tone: 'succeeded' | 'failed' | 'running' | 'waiting' | 'muted';
}

const LOOKS = {
  queued: { Icon: HourglassIcon, tone: 'muted' },
  pending: { Icon: DotFillIcon, tone: 'muted' },
  running: { Icon: DotFillIcon, tone: 'running' },
  retrying: { Icon: SyncIcon, tone: 'waiting' },
  waiting: { Icon: ClockIcon, tone: 'waiting' },
  paused: { Icon: PauseIcon, tone: 'waiting' },
  cancelling: { Icon: StopIcon, tone: 'waiting' },
  succeeded: { Icon: CheckCircleFillIcon, tone: 'succeeded' },
  failed: { Icon: XCircleFillIcon, tone: 'failed' },
  cancelled: { Icon: CircleSlashIcon, tone: 'muted' },
  skipped: { Icon: SkipIcon, tone: 'muted' },
} as const satisfies Readonly<Record<string, Look>>;

/** How an instance or a step stands. */
export type ShownStatus = keyof typeof LOOKS;

/** The custom property with the colour of a status, which both themes carry. */
export const toneNameOf = (status: ShownStatus): string => `--state-${LOOKS[status].tone}`;

export const toneOf = (status: ShownStatus): string => `var(${toneNameOf(status)})`;

interface Props {
  readonly status: ShownStatus;
  /** The icon alone; its word is for readers who do not see it. */
  readonly iconOnly?: boolean;
}

/** A status by icon, word and colour: never by its colour alone. */
export function StatusBadge({ status, iconOnly = false }: Props) {
  const { t } = useTranslation();
  const { Icon } = LOOKS[status];
  const word = t(`instances.status.${status}`);
  return (
    <span
      className={classes.badge}
      data-status={status}
      style={{ color: toneOf(status) }}
      title={iconOnly ? word : undefined}
    >
      <Icon
        size={14}
        className={status === 'running' ? classes.alive : undefined}
        aria-hidden={!iconOnly}
        aria-label={iconOnly ? word : undefined}
      />
      {!iconOnly && word}
    </span>
  );
}
