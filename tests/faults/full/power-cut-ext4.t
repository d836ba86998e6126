#!/usr/bin/perl
# The power is cut at many moments while mail comes, is read and removed, on ext4: each
# message that was taken is there once and whole, and what was removed stays so.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use PowerCut;
use Test::More;

own_mounts();
power_cuts(FileSystem->new('ext4', megabytes => 64), 60)->all_is_in_order;
done_testing();
