# From `make install` to the first letter, received from another program and fetched by a
# POP3 client: the commands of README.md for an administrator, as they stand there, on a
# machine that has booted; one with systemd, and one with xinetd.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;
use Booted;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(openssl => 'openssl');
need_machine();

my %section = slurp('README.md') =~ /^## ([^\n]*)\n(.*?)(?=^## |\z)/gms;

# The blocks of commands in a section that are said to be run here.
sub blocks
{
	my ($name) = @_;
	my @blocks = ($section{$name} // '') =~ /^<!-- run by \Q$0\E -->\n```sh\n(.*?)^```$/gms;
	ok(scalar @blocks, "README.md has commands: $name");
	return @blocks;
}

# Runs a block as root would type it.  Returns what it prints.
sub typed
{
	my ($commands) = @_;
	my $make = 'MAKEFLAGS=BUILD=' . ($ENV{BUILD} || 'build');
	my $directory = $commands =~ /^make / ? '/usr/src/mail-stdio' : '/root';
	my ($status, $out, $error) = inside(['env', $make, 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
		'sh', '-ec', "cd $directory\n$commands"], seconds => 120);

	is($status, 0, $commands =~ s/\n.*//sr) or diag($out, $error);
	return $out;
}

# Runs a block that shows the letter.
sub shows_letter
{
	like(typed($_[0]), qr/^Subject: Hello\r?\n(?:.*\n)*\r?\nHello Bob\.\r?\n/m, 'there is the letter');
}

for my $supervisor ('Under systemd', 'Under xinetd') {
	subtest $supervisor => sub {
		my $root = machine_root();
		boot();
		my (undef, $certificate, $key) = certificate();
		spew("$root/root/key.pem", slurp($key));
		spew("$root/root/certificate.pem", slurp($certificate));

		typed($_) for blocks('Install'), blocks($supervisor);
		my @letter = blocks('The first letter');
		shows_letter(pop @letter) if @letter;
		for (blocks('TLS')) {
			next if /^systemctl / && $supervisor ne 'Under systemd';
			/^curl .*pop3/ ? shows_letter($_) : typed($_);
		}

		my @ours;
		ok(until_true(sub {
			@ours = journal('SYSLOG_IDENTIFIER=smtp-stdio', 'SYSLOG_IDENTIFIER=pop3-stdio');
			return 2 == grep { $_->{MESSAGE} =~ /^session .* user=bob\@example\.com .*end=quit/ } @ours;
		}), 'the two sessions that fetched it are in the journal');
		is(scalar(grep { $_->{MESSAGE} =~ /^delivery .* from=alice\@example\.org to=bob\@example\.com .*status=250$/ } @ours), 1,
			'so is the delivery');
		is(join("\n", map { $_->{MESSAGE} } grep { $_->{PRIORITY} < 6 } @ours), '', 'and nothing is amiss');
		limits_of_xinetd() if $supervisor eq 'Under xinetd';
		power_off();
	};
}

# What the files that are shipped say of connections too many; of the units, see booted.t and full/booted-flood.t.
sub limits_of_xinetd
{
	my @all = map { connect_from('127.0.0.2', 25) } 1 .. 25;
	is(join(' ', outcomes(@all)), '20 5', 'no source has more than its share');
	is(join(' ', outcomes(my $other = connect_from('127.0.0.3', 25))), '1 0', 'another one is served meanwhile');
	close $_ for @all, $other;
	is(scalar(grep { $_->{MESSAGE} =~ /FAIL: smtp-stdio per_source_limit from=(?:::ffff:)?127\.0\.0\.2$/ } journal('SYSLOG_IDENTIFIER=xinetd')), 5,
		'which is in the journal');
	@all = map { my $source = "127.1.0.$_"; map { connect_from($source, 25) } 1 .. 20 } 1 .. 25;
	my ($served, $closed) = outcomes(@all);
	is("$served $closed", '200 300', 'of 500 at once, as many are served as may be');
	close $_ for @all;
	ok(until_true(sub { join(' ', outcomes(connect_from('127.0.0.2', 25))) eq '1 0' }), 'and the port is open after that');
}

done_testing();
