# Gigabytes for a disk of eight megabytes, from several at once.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use LoadTest;
use MailTest;

own_mounts();
full_disk(4 << 30, 8);
done_testing;
