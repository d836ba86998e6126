# More than a disk holds.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use LoadTest;
use MailTest;

own_mounts();
full_disk(64 << 20, 2);
done_testing;
