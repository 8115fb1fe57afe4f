import { gathered } from '@gtc-tools/tsup';

export default gathered({ shown: ['definition', 'errors', 'guards', 'interpret', 'schema', 'show', 'text'] });
