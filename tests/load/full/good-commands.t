# The same, for a long time.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

good_commands(1 << 24);
small_messages(20_000);
done_testing;
