# The same, by the gigabyte.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

endless(1 << 30);
done_testing;
