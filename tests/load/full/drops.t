# Many at once who send an octet now and then.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

drippers(20, 5);
done_testing;
