import { Alert } from '@mantine/core';
import { AlertIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import type { LiveState } from '../../api/live';
import { FaultNote } from '../../parts/fault-note';
import { durationText } from '../../shell/took';
import { useNow } from '../../shell/use-now';

/** Cuts that are over before this are nobody's concern. */
const QUIET_MS = 700;

/** Says that the page may be old, since when, and that it goes on by itself. */
export function LiveBanner({ live }: { readonly live: LiveState }) {
  const { t } = useTranslation();
  const nowMs = useNow(live.kind === 'reconnecting', 500);
  if (live.kind === 'refused') return <FaultNote error={live.error} />;
  if (live.kind !== 'reconnecting' || nowMs - live.sinceMs < QUIET_MS) return null;
  const ago = durationText(Math.floor((nowMs - live.sinceMs) / 1_000) * 1_000);
  return (
    <Alert color="orange" icon={<AlertIcon />} role="status" p="xs" mb="xs" data-live="cut">
      {live.offline ? t('instance.live.offline') : t('instance.live.cut', { ago })}
    </Alert>
  );
}

/** A word beside the title. */
export function LiveMark({ live }: { readonly live: LiveState }) {
  const { t } = useTranslation();
  if (live.kind === 'reconnecting' || live.kind === 'refused' || live.kind === 'ended') return null;
  return (
    <span
      style={{ fontSize: 12, color: live.kind === 'live' ? 'var(--state-succeeded)' : 'var(--state-muted)' }}
      data-live={live.kind}
    >
      ● {t(`instance.live.${live.kind}`)}
    </span>
  );
}
