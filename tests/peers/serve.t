# `make serve` under each supervisor: three lines that tell what to do, and what they tell
# works; it ends on SIGINT and SIGTERM, and then nothing of it runs any more.
use strict;
use warnings;
use lib 'tests/lib';
use File::Copy;
use Test::More;
use PeerTest;

need(curl => 'curl');

my $any = any_supervisor();

# Script and build directory in a place of their own, where another user can read them, too
my $place = scratch_dir();
my $build = "$place/build";
mkdir $build;
chmod 0755, $place, $build;
for my $file ('tests/serve', map { program($_) } 'smtp-stdio', 'pop3-stdio', 'mailstore') {
	my $copy = $file eq 'tests/serve' ? "$place/serve" : $build . ($file =~ s{.*(?=/)}{}r);
	copy($file, $copy) or die "$file: $!";
	chmod 0755, $copy;
}

# Every process whose command line names this place: each of them does.
sub left_running
{
	my @found;
	for my $path (glob '/proc/[0-9]*/cmdline') {
		open my $file, '<', $path or next;
		my $words = <$file>;
		push @found, $words =~ tr/\0/ /r if defined $words && index($words, $place) >= 0;
	}
	return @found;
}

sub three_lines
{
	my ($path) = @_;
	return until_true(sub { (-e $path ? slurp($path) : '') =~ /\A(.*\n){3}\z/ }, 20);
}

# Serves, does what the third line says, and ends; $as is what comes before the command.
sub serves
{
	my ($supervisor, $signal, @as) = @_;
	my ($smtp, $pop3) = (free_port(), free_port());
	my $out = scratch_dir() . '/out';

	my $pid = start($out, @as, 'env', "BUILD=$build", "SUPERVISOR=$supervisor",
		"SMTP_PORT=$smtp", "POP3_PORT=$pop3", 'sh', "$place/serve");
	ok(three_lines($out), 'three lines') or return diag(slurp($out));
	my ($first, $second, $third) = split /\n/, slurp($out);
	like($first, qr/^\Q$supervisor\E .*:$smtp\b.*:$pop3\b/, 'the first names supervisor and ports');
	like($second, qr/bob\@example\.com.*password/, 'the second account and password');

	my ($status, $mail, $error) = run(['sh', '-c', $third]);
	is($status, 0, 'the third is a command that works') or diag($error);
	like($mail, qr/^Subject: hello\r\n\r\nIt works\.\r\n\z/m, 'a message in, and out again');

	# A client that stays must not keep a program running
	my $client = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$smtp", Timeout => 10);
	like($client ? scalar <$client> : '', qr/^220 /, 'a client stays connected');

	is(stop($pid, $signal), 0, "$signal ends it, with status 0");
	ok(until_true(sub { !left_running() }, 10), 'and nothing is left running')
		or diag(left_running());
	is(slurp($out) =~ tr/\n//, 3, 'there were no more lines');
}

for ([INT => 'systemd-socket-activate', 'systemd'], [TERM => 'xinetd', 'xinetd'],
	[TERM => 'tcpserver', 'ucspi-tcp'], [INT => 'tcpsvd', 'ipsvd'], [TERM => 'socat', 'socat']) {
	my ($signal, $supervisor, $package) = @$_;
	subtest_with { $supervisor => $package }, $supervisor =>
		sub { serves($supervisor, $signal) };
}

subtest_with { xinetd => 'xinetd', root => '', setpriv => 'util-linux' },
	'xinetd, as a user who is not root' => sub {
	my ($user, $group) = (getpwnam 'nobody')[2, 3];
	run(['rm', '-rf', "$build/serve"]);
	chown $user, $group, $build;
	serves('xinetd', 'TERM', 'setpriv', "--reuid=$user", "--regid=$group", '--clear-groups');
};

sub complains
{
	my ($env, $expected, $pattern, $name) = @_;
	my ($status, $out, $error) = run(['/bin/sh', "$place/serve"], env => { BUILD => $build, %$env });

	is(defined $status ? $status >> 8 : undef, $expected, "$name: status $expected");
	is($out, '', 'nothing is promised');
	like($error, qr/\A[^\n]*$pattern[^\n]*\n\z/, 'one line says why');
}

complains({ SUPERVISOR => 'tcpserver', PATH => $place }, 69, qr/apt-get install ucspi-tcp/,
	'a supervisor that is not installed');
complains({ SUPERVISOR => 'init' }, 64, qr/socat/, 'one that is not known');

my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die $@;
complains({ SUPERVISOR => $any, SMTP_PORT => $taken->sockport, POP3_PORT => free_port() }, 69, qr/does not listen for smtp/,
	'a port that is taken');
is(join('', left_running()), '', 'and the other one is not served either');

done_testing();
