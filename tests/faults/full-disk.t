#!/usr/bin/perl
# Disks that are full of octets or of files, or become read-only, while sessions are under
# way: everybody is told to come again, nothing is there in part, and as soon as there is
# room again everything works.
use strict;
use warnings;
use lib 'tests/lib';
use DiskTrouble;
use FileSystem;
use Test::More;

own_mounts();
my @disks = (FileSystem->new('ext4', make => [ '-N', 256 ]), FileSystem->new('tmpfs', megabytes => 16, options => 'nr_inodes=256'));
in_trouble_of_each_kind($_) for @disks;
done_testing();
