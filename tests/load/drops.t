# Whoever sends an octet now and then is cut off by the time limits, whatever it is that he sends.
use strict;
use warnings;
use lib 'tests/lib';
use LoadTest;
use MailTest;

drippers(2, 1);
done_testing;
