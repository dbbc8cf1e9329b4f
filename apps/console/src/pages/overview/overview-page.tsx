import { useTranslation } from 'react-i18next';
import { PageHeader } from '../../shell/page-header';

export function OverviewPage() {
  const { t } = useTranslation();
  return <PageHeader title={t('overview.title')} />;
}
