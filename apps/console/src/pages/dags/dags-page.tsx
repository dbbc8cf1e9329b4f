import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function DagsPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('dags.title')} />;
}
