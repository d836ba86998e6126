#!/usr/bin/perl
# As power-cut-ext4.t, on Btrfs.  It cannot be told to lose what is not on the disk; so the
# file with its blocks is cloned in the middle of the work, and what the clone holds is
# mounted: all that had been written to the device by then, and nothing of what had not.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use PowerCut;
use Test::More;

own_mounts();
my $can_clone = FileSystem->new('xfs', megabytes => 400);
power_cuts(FileSystem->new('btrfs', on => $can_clone), 40)->all_is_in_order;
done_testing();
