# The queue on a machine that has booted: README.md's «Mail for other hosts», as it stands
# there, from a submission to another host, by TLS and a login.  What comes is sent at once,
# what the other host puts off is sent later, what is left is sent after the next boot; and
# the service can see and reach nothing that it does not need.  Then the same by cron's line.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use JSON::PP qw(decode_json);
use PeerTest;
use Booted;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need(openssl => 'openssl', stunnel4 => 'stunnel4', 'systemd-socket-activate' => 'systemd', setpriv => 'util-linux');
need_machine();

my ($section) = slurp('README.md') =~ /^## Mail for other hosts\n(.*?)^## /ms or BAIL_OUT('README.md has no such section');
my ($by_systemd, $by_cron) = $section =~ /^<!-- run by \Q$0\E -->\n```sh\n(.*?)^```$/gms;
ok(defined $by_cron, 'README.md has commands');

# The other host, with the name and the port that README.md has, outside of the machine
my $alice = 'alice@example.net';
my $theirs = give_away(mail_root('bob@example.net', $alice));
my $dir = scratch_dir();
my ($status, undef, $error) = run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=mail.example.net',
	'-addext', 'subjectAltName=DNS:mail.example.net', '-days', '2', '-keyout', "$dir/key", '-out', "$dir/certificate"]);
is($status, 0, 'a certificate') or diag($error);
my $key = give_away(spew("$dir/tls.pem", slurp("$dir/key") . slurp("$dir/certificate")));
my $smtp = program_for_all('smtp-stdio');

# Starts it; returns what stops it.
sub other_host
{
	my $wrapper = stunnel_to_stderr($key, $smtp, '-a', '-s', '-g');
	return start("$dir/log", 'systemd-socket-activate', '-l', '127.0.0.9:587', '-E', "MAILROOT=$theirs",
		'--accept', '--inetd', unprivileged(), $smtp, '-a', '-T', "stunnel4 $wrapper");
}

my $root = installed_root();
my ($hash) = (run(['openssl', 'x509', '-noout', '-hash', '-in', "$dir/certificate"]))[1] =~ /(\w+)/;
spew("$root/etc/ssl/certs/$hash.0", slurp("$dir/certificate"));
spew("$root/etc/hosts", slurp("$root/etc/hosts") . "127.0.0.9 mail.example.net\n");
spew("$root/root/password", "secret\n");
mkdir "$root/etc/mail-stdio";
mkdir "$root/etc/systemd/system/$_.d" for 'submission.socket', 'smtp-send.timer';
spew("$root/etc/systemd/system/submission.socket.d/local.conf", "[Socket]\nListenStream=\nListenStream=127.0.0.1:587\n");
boot();
inside_ok("systemd-sysusers mail-stdio.conf\nsystemd-tmpfiles --create mail-stdio.conf\nmailstore add bob\@example.com </root/password\n"
	. 'systemctl enable --now submission.socket');

# Submits a letter inside, as Bob.
sub submit
{
	my ($subject) = @_;
	inside_ok("smtp-send -S 127.0.0.1 -u bob\@example.com -w /root/password -f bob\@example.com -s '$subject' $alice",
		input => "Hello.\n");
}

# What waits there.
sub waiting
{
	return map { decode_json($_) } split /\n/, said('mailstore', 'queue', '-j');
}

# The subjects of what has come to the other host, when there are so many.
sub received
{
	my ($count, $seconds) = @_;
	until_true(sub { (my @found = stored($theirs, $alice)) >= $count }, $seconds);
	return join ' ', sort map { slurp($_) =~ /^Subject: (\w+)$/m } stored($theirs, $alice);
}

# The state of a unit, when a run is over.
sub ended
{
	my $state;
	until_true(sub { ($state) = said('systemctl', 'is-active', 'smtp-send.service') =~ /^((?:in)active|failed)$/ });
	return $state // 'no end';
}

my $host = other_host();
wait_for_port(587);
submit('before');
is(scalar waiting(), 1, 'before it is enabled, mail waits');
inside_ok("cd /root\n$by_systemd");
is(received(1, 90), 'before', 'enabled, it sends what there is within a minute or so') or diag(said('journalctl', '-u', 'smtp-send.*'), slurp("$dir/log"));
like(slurp((stored($theirs, $alice))[0] // '/dev/null'), qr/^\tby \S+ with ESMTPSA /m, 'by TLS, with a login');
is(ended(), 'inactive', 'and ends');
submit('second');
is(received(2), 'before second', 'what comes then is sent at once'); ## smtp-send-queue-units
is(scalar waiting(), 0, 'and waits no more');
is(scalar(grep { $_->{MESSAGE} =~ /^attempt .*to=\Q$alice\E .*status=250 / } journal('SYSLOG_IDENTIFIER=smtp-send')), 2, 'each is in the journal')
	or diag(said('journalctl', '-u', 'smtp-send.service'));

subtest 'many at once' => sub {
	inside_ok("for i in 1 2 3 4 5 6 7 8 9 10; do for j in 1 2; do smtp-send -S 127.0.0.1 -u bob\@example.com -w /root/password "
		. "-f bob\@example.com -s many\$i\$j $alice </root/password & done; wait; done", seconds => 120);
	received(22);
	# One that has come in the instant in which a run ends goes with the next
	submit('last');
	is(scalar(split ' ', received(23)), 23, 'all are sent');
	is(scalar waiting(), 0, 'and none waits');
	is(said('systemctl', 'is-active', 'smtp-send.path'), "active\n", 'and it goes on');
};

subtest 'a host that is not there' => sub {
	stop($host);
	submit('away');
	ok(until_true(sub { ended() eq 'failed' }), 'the unit says that it has failed');
	is(said('systemctl', 'is-active', 'smtp-send.path'), "active\n", 'the path is watched on');
	my ($entry) = waiting();
	is($entry->{recipients}[0]{tries}, 0, 'mail waits, and nothing is held against it');
	$host = other_host();
	wait_for_port(587);
	inside_ok('mailstore queue -n');
	is(scalar(split ' ', received(24)), 24, 'made due, it is sent');
	is(ended(), 'inactive', 'and all is well again');
};

subtest 'what the service can do' => sub {
	mkdir path_of('/etc/systemd/system/smtp-send.service.d');
	spew(path_of('/etc/systemd/system/smtp-send.service.d/probe.conf'), <<'END');
[Service]
BindReadOnlyPaths=/bin /usr/bin
ExecStart=
ExecStart=/bin/sh -c 'id -un 2>&1 || id -u; ls /var/lib/mail-stdio/passwords /root /home 2>&1; cat /etc/shadow /etc/mail-stdio/tls.pem 2>&1; \
	cat /etc/mail-stdio/smarthost.password; touch /usr/local/bin/x /etc/x 2>&1; \
	cp /bin/true /tmp/copy && /tmp/copy 2>&1; cp /bin/true /var/lib/mail-stdio/copy && /var/lib/mail-stdio/copy 2>&1; \
	rm /var/lib/mail-stdio/copy; \
	cd /var/lib/mail-stdio && touch mail/.incoming/x && ln mail/.incoming/x outgoing/message/x && rm mail/.incoming/x outgoing/message/x && echo linked'
END
	spew(path_of('/etc/mail-stdio/tls.pem'), 'key');
	inside_ok('systemctl daemon-reload; systemctl start smtp-send.service');
	my $said = join "\n", map { $_->{MESSAGE} } journal('SYSLOG_IDENTIFIER=sh');
	like($said, qr/^secret$/m, 'it has the password for the other host');
	like($said, qr/^linked$/m, 'and messages can be linked from where they come to where they wait');
	like($said, qr{passwords'?: Permission denied$}m, 'the passwords of accounts it has not');
	unlike($said, qr/bob|example\.com|:\$|^key$/m, 'nor any other secret');
	like($said, qr{/$_.*(?:Read-only file system|No such file)}m, "nor can it write to $_") for 'usr/local/bin/x', 'etc/x';
	like($said, qr{/$_/copy: Permission denied}, "nor execute what it has written to $_") for 'tmp', 'var/lib/mail-stdio';
	inside_ok('rm -r /etc/systemd/system/smtp-send.service.d; systemctl daemon-reload');
};

subtest 'after a boot' => sub {
	inside_ok('systemctl stop smtp-send.path smtp-send.timer');
	submit('boot');
	is(scalar waiting(), 1, 'it waits');
	power_off();
	spew("$root/etc/systemd/system/smtp-send.timer.d/local.conf", "[Timer]\nOnBootSec=\nOnBootSec=3s\nAccuracySec=1s\n");
	boot();
	is(scalar(split ' ', received(25)), 25, 'and is sent'); ## smtp-send-queue-units
	like(said('systemctl', 'list-timers', 'smtp-send.timer'), qr/smtp-send\.service/, 'the timer goes on');
};

subtest 'by cron' => sub {
	inside_ok('systemctl disable --now smtp-send.path smtp-send.timer');
	inside_ok("mkdir -p /etc/cron.d; cd /root\n$by_cron");
	submit('cron');
	my ($variables, $user, $command) = slurp(path_of('/etc/cron.d/mail-stdio')) =~ /\A((?:\w+=.*\n)+)\* \* \* \* \* (\S+) (.*)\n\z/;
	($status, my $out, $error) = inside(['env', '-i', 'HOME=/', split(/\n/, $variables), 'setpriv', "--reuid=$user", "--regid=$user",
		'--clear-groups', '--no-new-privs', 'sh', '-c', $command]);
	is("$status$out$error", '0', 'its line runs, and has nothing to mail');
	is(scalar(split ' ', received(26)), 26, 'and sends');
};
done_testing();
