import { useInterval } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { exactTime, relativeTime } from './time-text';

/** A moment as the viewer counts it; the exact one on hover. */
export function Time({ at }: { at: string | null | undefined }) {
  const { t, i18n } = useTranslation();
  const [now, setNow] = useState(() => new Date());
  useInterval(() => setNow(new Date()), 10_000, { autoInvoke: true });
  if (at === null || at === undefined) return <span className="dim">{t('parts.never')}</span>;
  const moment = new Date(at);
  return (
    <time dateTime={at} title={exactTime(moment, i18n.language)}>
      {relativeTime(moment, now, i18n.language)}
    </time>
  );
}
