import { gathered } from '@gtc-tools/tsup';

export default gathered('answer', 'equivalents', 'search', 'search-index', 'store', 'vectors', 'words');
