# Lines, headers and messages that come to no end.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

endless(3 << 20);
done_testing;
