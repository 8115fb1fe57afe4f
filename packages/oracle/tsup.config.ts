import { gathered } from '@gtc-tools/tsup';

export default gathered({ shown: ['answer', 'equivalents', 'search', 'search-index', 'store', 'vectors', 'words'] });
