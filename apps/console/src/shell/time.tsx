import { useTranslation } from 'react-i18next';
import { exactTime, momentText, relativeTime } from './time-text';
import { useNow } from './use-now';

const PACE_MS = 10_000;

interface Props {
  readonly at: string | null | undefined;
}

/** A moment as the viewer counts it, `5 minutes ago`; the exact one on hover. */
export function Time({ at }: Props) {
  const { t, i18n } = useTranslation();
  // When to look again; the time is that of the look, or what came since the last tick would lie in the future.
  useNow(at !== null && at !== undefined, PACE_MS);
  if (at === null || at === undefined) return <span className="dim">{t('parts.never')}</span>;
  const moment = new Date(at);
  return (
    <time dateTime={at} title={exactTime(moment, i18n.language)} className="moment">
      {relativeTime(moment, new Date(), i18n.language)}
    </time>
  );
}

/** A moment by date and time in the zone of the viewer, where things are compared with one another or with logs. */
export function Moment({ at, milliseconds = false }: Props & { readonly milliseconds?: boolean }) {
  const { i18n } = useTranslation();
  if (at === null || at === undefined) return <>–</>;
  const moment = new Date(at);
  return (
    <time dateTime={at} title={exactTime(moment, i18n.language)} className="moment">
      {momentText(moment, new Date(), i18n.language, milliseconds)}
    </time>
  );
}
