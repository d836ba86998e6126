# Postfix hands mail to the store by LMTP, over a Unix socket and over TCP: a message for
# two of whom one has no room is delivered to the other at once, and to him when there is
# room.  Postfix has a configuration, a queue and a port of its own here.
use strict;
use warnings;
use lib 'tests/lib';
use File::Basename qw(dirname);
use Test::More;
use PeerTest;

# As it is installed, or only unpacked
my ($libraries) = grep { -x "$_/sbin/master" } '/usr/lib/postfix', '/usr/local/lib/postfix';
$ENV{PATH} .= ":$libraries/sbin" if $libraries;
$ENV{LD_LIBRARY_PATH} = $libraries if $libraries;
need(root => 1, master => 'postfix', 'systemd-socket-activate' => 'systemd');

my $root = mail_root(map { ("bob\@$_", "full\@$_") } 'example.com', 'example.net');

# A supervisor on a Unix socket, for example.com; one on TCP, for example.net, that does not
# announce SIZE: so it is only after the data that a mailbox is found to be full.
my $socket = scratch_dir() . '/lmtp';
my $log = scratch_dir() . '/log';
start($log, 'systemd-socket-activate', '-l', $socket, '--accept', '--inetd',
	program('smtp-stdio'), '-l', '-d', $root, '-h', 'store.example');
my ($tcp, undef, $tcp_log) = start_supervisor('systemd-socket-activate',
	program('smtp-stdio'), '-l', '-X', 'SIZE', '-d', $root, '-h', 'store.example');
ok($tcp && until_true(sub { -S $socket }), 'both supervisors listen') or BAIL_OUT(slurp($log));

# Whoever may write to a socket may connect to it
chmod 0666, $socket;

my ($smtp, $queue) = postfix();
for (['example.com', 'unix', qr/said: 452 4\.2\.2 .*in reply to RCPT TO/],
		['example.net', 'inet', qr/said: 452 4\.2\.2 .*in reply to end of DATA/]) {
	my ($domain, $kind, $reason) = @$_;
	subtest "over $kind" => sub { delivers($domain, $reason) };
}
done_testing();

sub delivers
{
	my ($domain, $reason) = @_;

	mailstore('quota', "full\@$domain", '300');
	my $text = "Subject: for two\n\n" . "A line.\n.\n" x 20;
	my $said = session($smtp, qr/^220 /, ["EHLO client.example\r\n" => qr/^250 /m],
		["MAIL FROM:<sender\@client.example>\r\n" => qr/^250 /],
		["RCPT TO:<full\@$domain>\r\n" => qr/^250 /], ["RCPT TO:<bob\@$domain>\r\n" => qr/^250 /],
		["DATA\r\n" => qr/^354 /], [on_the_wire($text) => qr/^250 /], ["QUIT\r\n" => qr/^221 /]);
	like($said, qr/^354 .*\n250 2\.0\.0 .*\n221 /m, 'Postfix has taken it') or return;

	my $delivered = logged(qr/to=<bob\@$domain>,.* status=sent \((.*)\)/);
	like($delivered, qr/250 2\.0\.0 OK id=/, 'it has heard that one has it'); ## lmtp-2033-4.2-a
	my $deferred = logged(qr/to=<full\@$domain>,.* status=deferred \((.*)\)/);
	like($deferred, $reason, 'and that the other has no room for it'); ## lmtp-2033-4.2-c smtp-stdio-quota-a
	my @messages = stored($root, "bob\@$domain");
	is(scalar @messages, 1, 'the one has it once'); ## lmtp-2033-4.2-a
	like(slurp($messages[0] || '/dev/null'), qr/^\tby store\.example with LMTP /m, 'Received: with LMTP'); ## smtp-3848-b
	like(slurp($messages[0] || '/dev/null'), qr/\n\n\Q${\($text =~ s{.*?\n\n}{}sr)}\E\z/, 'and every line of it');
	is(scalar stored($root, "full\@$domain"), 0, 'the other has nothing'); ## lmtp-2033-4.2-c

	mailstore('quota', '-r', "full\@$domain");
	run(['postqueue', '-c', "$queue/etc", '-f']);
	ok(until_true(sub { stored($root, "full\@$domain") == 1 }), 'he has it once there is room'); ## lmtp-2033-4.2-c
	is(scalar stored($root, "bob\@$domain"), 1, 'and the one does not have it again'); ## lmtp-2033-4.2-c
}

sub mailstore
{
	my ($status, undef, $error) = run([program('mailstore'), '-d', $root, @_]);
	is($status, 0, "mailstore @_") or diag($error);
}

sub on_the_wire
{
	my ($text) = @_;
	$text =~ s/^\./../mg;
	$text =~ s/\n/\r\n/g;
	return "$text.\r\n";
}

# What stands in the parentheses, in the first line of Postfix's log that matches.
sub logged
{
	my ($pattern) = @_;
	my $found;

	until_true(sub { ($found) = (-e "$queue/log/mail" ? slurp("$queue/log/mail") : '') =~ $pattern })
		or diag(-e "$queue/log/mail" ? slurp("$queue/log/mail") : 'no log');
	return $found;
}

# Starts it; returns its port and the directory that has all that is its.
sub postfix
{
	my $dir = scratch_dir();
	my $port = free_port();
	# Its own user and group need not be there: these are, in every Debian
	my $owner = getpwnam('mail');
	my $group = getgrnam('daemon');

	mkdir "$dir/$_" or die "$dir/$_: $!" for 'etc', 'queue', 'data', 'log', 'meta';
	for (qw(incoming active bounce corrupt defer deferred flush hold saved trace private maildrop public)) {
		mkdir "$dir/queue/$_", 0700;
		chown $owner, $group, "$dir/queue/$_";
	}
	chmod 0710, "$dir/queue/public";
	chmod 01730, "$dir/queue/maildrop";
	mkdir "$dir/queue/pid";
	chown $owner, -1, "$dir/data";
	spew("$dir/etc/main.cf", <<"END");
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
daemon_directory = $libraries/sbin
shlib_directory = $libraries
meta_directory = $dir/meta
command_directory = @{[dirname(which('postqueue'))]}
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
mail_owner = mail
setgid_group = daemon
maillog_file = $dir/log/mail
maillog_file_prefixes = $dir
myhostname = relay.example
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = example.com, example.net
transport_maps = inline:{{example.com = lmtp:unix:$socket}, {example.net = lmtp:inet:127.0.0.1:$tcp}}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtp_tls_security_level = none
END
	spew("$dir/etc/master.cf", <<"END");
127.0.0.1:$port inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
END
	start("$dir/log/master", "$libraries/sbin/master", '-c', "$dir/etc", '-d');
	wait_for_port($port) or BAIL_OUT('postfix: ' . join '', map { -e $_ ? slurp($_) : () } "$dir/log/master", "$dir/log/mail");
	return ($port, $dir);
}

sub which
{
	my ($program) = @_;
	my ($found) = grep { -x } map { "$_/$program" } split /:/, $ENV{PATH};
	return $found;
}
