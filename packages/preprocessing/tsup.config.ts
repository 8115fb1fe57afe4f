import { gathered } from '@gtc-tools/tsup';

export default gathered();
