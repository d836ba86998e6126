# What is built is hardened: the stack is guarded, nothing is both written and executed,
# tables of addresses cannot be written, and, but with musl, calls that fill buffers are
# checked and a program is somewhere else in memory each time that it runs.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(readelf => 'binutils');

my $musl = ($ENV{CC} // '') =~ /musl/;
my $x86 = `uname -m` =~ /^(?:x86_64|i.86)$/;

sub readelf
{
	my (@arguments) = @_;
	my ($status, $out, $error) = run(['readelf', '-W', @arguments]);
	is($status, 0, "readelf @arguments") or diag($error);
	return $out;
}

for my $name (qw(smtp-stdio pop3-stdio mailstore smtp-send pop3-fetch)) {
	subtest $name => sub {
		my $program = program($name);
		my ($type) = readelf('-h', $program) =~ /^\s*Type:\s+(\w+)/m;
		my $segments = readelf('-l', $program);
		my $symbols = readelf('-s', $program);

		unlike($segments, qr/^ .* RWE /m, 'nothing that can be written can be executed');
		like($segments, qr/^\s*GNU_STACK .* RW /m, 'nor can the stack');
		like($segments, qr/^\s*GNU_RELRO /m, 'addresses cannot be written');
		like($symbols, qr/ __stack_chk_fail\b/, 'the stack is guarded');
		if ($name =~ /^smtp-send$|^pop3-fetch$/ && !$musl) {
			like($segments, qr/^\s*INTERP /m, 'it is a dynamic program');
		} else {
			unlike($segments, qr/^\s*INTERP /m, 'it is a static program');
		}
		return if $musl;
		like($symbols, qr/ __\w+_chk\b/, 'calls that fill buffers are checked');
		is($type, 'DYN', 'it can be anywhere in memory');
		like(readelf('-d', $program), qr/BIND_NOW/, 'no address is looked up later');
	};
}

subtest 'jumps lead to where jumps may lead' => sub {
	plan skip_all => 'is for x86 and not for musl' if !$x86 || $musl;
	my $build = $ENV{BUILD} || 'build';
	my @without = grep { readelf('-n', $_) !~ /x86 feature: IBT, SHSTK/ } glob "$build/objects/*-stdio/*.o";
	is("@without", '', 'each object of ours says so');
};

done_testing();
