# Far too many recipients.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

recipients(2500);
done_testing;
