import { useTranslation } from 'react-i18next';
import { dateFormat, numberText } from '../../i18n/formats';

export interface Minute {
  readonly at: string;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
}

const HEIGHT = 48;
const STEP = 10;
const PARTS = [
  ['failed', 'var(--state-failed)'],
  ['cancelled', 'var(--state-muted)'],
  ['succeeded', 'var(--state-succeeded)'],
] as const;

/** How many instances ended in each minute of the last hour. */
export function LastHour({ minutes }: { minutes: readonly Minute[] }) {
  const { t, i18n } = useTranslation();
  const most = Math.max(1, ...minutes.map((minute) => PARTS.reduce((sum, [part]) => sum + minute[part], 0)));
  const clock = dateFormat(i18n.language, { hour: '2-digit', minute: '2-digit' });
  return (
    <svg
      role="img"
      aria-label={t('overview.chart', { most: numberText(most, i18n.language) })}
      viewBox={`0 0 ${minutes.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      width="100%"
      height={HEIGHT}
      style={{ borderBottom: '1px solid var(--console-line)', marginTop: 12 }}
    >
      {minutes.map((minute, n) => {
        let top = HEIGHT;
        return (
          <g key={minute.at}>
            <title>{`${clock.format(new Date(minute.at))}: ${PARTS.map(([part]) => `${t(`instances.status.${part}`)} ${minute[part]}`).join(', ')}`}</title>
            <rect x={n * STEP} y={0} width={STEP} height={HEIGHT} fill="transparent" />
            {PARTS.map(([part, fill]) => {
              const height = (minute[part] / most) * HEIGHT;
              top -= height;
              return (
                height > 0 && <rect key={part} x={n * STEP + 1} y={top} width={STEP - 2} height={height} fill={fill} />
              );
            })}
          </g>
        );
      })}
    </svg>
  );
}
