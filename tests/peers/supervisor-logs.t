# What is logged comes to where each supervisor has its log, and is the same everywhere: to
# syslog where descriptor 2 is the connection, with a priority; else plain to standard error.
# Nowhere is there a word of a program that could not confine itself.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;
use Syslog;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(root => '');
in_own_mounts() or need('unshare(1) that may' => 'util-linux');
own_dev();
my $syslog = syslog_listener();

use constant { WARNING => 4, INFORMATION => 6, MAIL => 2 };

my $line = qr/[^\r\n]*\r\n/;
my $ok = qr/\A\+OK${line}\z/;
my %has_syslog = map { $_ => 1 } 'xinetd', 'inetd', 'inetutils-inetd', 'inetutils-inetd with --environment';

# The events, as [priority, line], with the process id that all lines have
my @expected = (
	[INFORMATION, qr/^smtp-stdio\[(\d+)\]: delivery id=\w+ peer=127\.0\.0\.1 helo="a=\\"b" tls=no from=a\@example\.org to=bob\@example\.com milliseconds=\d+ size=21 status=250$/],
	[WARNING, qr/^smtp-stdio\[(\d+)\]: delivery id=\w+ peer=127\.0\.0\.1 helo="a=\\"b" tls=no from="" to=bob\@example\.com milliseconds=\d+ size=\d+ status=552 reason="[^"]+"$/],
	[INFORMATION, qr/^smtp-stdio\[(\d+)\]: session peer=127\.0\.0\.1 helo="a=\\"b" tls=no messages=1 refused=0 faults=\d end=quit milliseconds=\d+$/],
	[INFORMATION, qr/^pop3-stdio\[(\d+)\]: session peer=127\.0\.0\.1 user=bob\@example\.com retrieved=1 removed=1 tls=no faults=0 end=quit milliseconds=\d+$/],
);

for (supervisors()) {
	my ($supervisor, $package) = @$_;
	my ($command) = split / /, $supervisor;

	subtest_with { $command => $package }, $supervisor => sub {
		my $root = mail_root('bob@example.com');
		give_away($root);
		my ($smtp, $smtp_pid, $smtp_log) = start_supervisor($supervisor, program('smtp-stdio'), '-d', $root, '-m', '1000');
		my ($pop3, $pop3_pid, $pop3_log) = start_supervisor($supervisor, program('pop3-stdio'), '-p', '-d', $root);
		ok($smtp && $pop3, 'both listen') or return;

		like(session($smtp, qr/\A220 $line\z/,
			["EHLO a=\"b\r\n", qr/^250 $line\z/m],
			["MAIL FROM:<a\@example.org>\r\n", qr/^250 /],
			["RCPT TO:<bob\@example.com>\r\n", qr/^250 /],
			["DATA\r\n", qr/^354 /],
			["Subject: hello\r\n\r\nx\r\n.\r\n", qr/^250 /],
			["MAIL FROM:<>\r\n", qr/^250 /],
			["RCPT TO:<bob\@example.com>\r\n", qr/^250 /],
			["DATA\r\n", qr/^354 /],
			['x' x 998 . "\r\n" . 'x' x 998 . "\r\n.\r\n", qr/^552 /],
			["QUIT\r\n", qr/\r\n\z/]), qr/^221 $line\z/m, 'a message is taken, and one is not');
		like(session($pop3, $ok, ["USER bob\@example.com\r\n", $ok], ["PASS secret\r\n", $ok],
			["RETR 1\r\n", qr/^\.\r\n\z/m], ["DELE 1\r\n", $ok], ["QUIT\r\n", $ok]), qr/^\+OK $line\z/m, 'it is fetched');
		stop($_) for $smtp_pid, $pop3_pid;

		my @syslog = grep { $_->[2] =~ /^(?:smtp|pop3)-stdio/ } syslog_lines($syslog);
		my @plain = grep { /(?:smtp|pop3)-stdio\[/ } map { split /\n/, slurp($_) } $smtp_log, $pop3_log;
		my @lines = $has_syslog{$supervisor} ? map { $_->[2] } @syslog : @plain;
		is(scalar @lines, scalar @expected, 'a line for each delivery and each session') or diag(join "\n", @lines);
		like($lines[$_], $expected[$_][1], 'it says all') for 0 .. $#expected;
		if ($has_syslog{$supervisor}) {
			is(join(' ', map { $_->[0] } @syslog), join(' ', map { $_->[0] } @expected), 'and how much it matters');
			is(scalar(grep { $_->[1] != MAIL } @syslog), 0, 'and that it is about mail');
			is(join("\n", @plain), '', 'and nothing is said elsewhere');
		} else {
			is(scalar @syslog, 0, 'and nothing is said elsewhere');
		}
	};
}

done_testing();
