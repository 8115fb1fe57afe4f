import { gathered } from '@gtc-tools/tsup';

export default gathered('definition', 'errors', 'guards', 'interpret', 'schema', 'show', 'text');
