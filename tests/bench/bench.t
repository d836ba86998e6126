# `make bench` runs: short, and one part of it.  Nothing is judged by time.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

my $build = scratch_dir();
sub bench
{
	my (%environment) = @_;
	return run(['tests/bench/run'], env => { BUILD => $build, QUICK => 1, %environment }, seconds => 300);
}

my ($status, $out, $error) = bench(ONLY => 'spawn');
is($status, 0, 'it runs') or diag($out, $error);
like($out, qr/^  true, glibc +\d+ +\d+-\d+ +\d+ +1\.00$/m, 'the floor is in the table, and is its own measure');
like($out, qr/^  durable file, glibc +\d+ /m, '... and with a durable file');
unlike($out, qr/reached/, 'there are no goals for that');
like(slurp("$build/bench/spawn.tsv"), qr/\Aprogram\twall us\t.*\ntrue, glibc\t\d+\t/, 'the table is there as TSV');

($status, $out, $error) = bench(ONLY => 'nothing');
isnt($status, 0, 'a part that is not there');
like($error, qr/^bench: there is no part nothing; ONLY is of: spawn /, '... is said');

done_testing();
