# The units that are shipped, under a systemd that has booted: neither a restart, nor a
# session that is stopped or killed, nor an administrator's mistake, nor a boot does any
# harm, and whatever a client may ask for can be done in a unit.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest;
use Booted;
use BootedMail;

plan skip_all => 'is for the plain build' if $ENV{SANITIZED};
need_machine();

my $root = installed_root();
my $mail = "$root/var/lib/mail-stdio";
boot();
inside_ok('mailstore add bob@example.com', input => "secret\n");
# A client of POP3 can be as simple here
inside_ok("mkdir -p /etc/systemd/system/pop3-stdio\@.service.d\n" .
	"printf '[Service]\\nExecStart=\\nExecStart=-/usr/local/sbin/pop3-stdio -p\\n' >/etc/systemd/system/pop3-stdio\@.service.d/clear.conf");
inside_ok("systemctl enable --now smtp-stdio.socket pop3-stdio.socket");

my $gone = 0;	# messages that were removed

# All that comes on a connection to its end.
sub heard
{
	my ($socket) = @_;
	my $all = '';
	1 while sysread $socket, $all, 4096, length $all;
	return $all;
}

subtest 'a restart in mid-session' => sub {
	my $said = talk(connect_from('127.0.0.2', 25), $greeting, message('restart', hold => sub {
		inside_ok('systemctl restart smtp-stdio.socket');
		like(talk(connect_from('127.0.0.3', 25), $greeting, message('meanwhile')), $taken, 'another session');
	}));
	if ($said =~ $taken) {
		is(scalar(with_subject('restart')), 1, 'the session goes on, and the message is there');
	} else {
		like($said, qr/^421 $line\[connection closed\]\z/m, 'the session is told to end');
		is(scalar(with_subject('restart')), 0, 'and the message is not there');
	}
	serves_as_ever('restarted');
};

subtest 'a session that is stopped, and one that is killed' => sub {
	for (['stop', qr/^354 ${line}421 4\.3\.2 $line\n\[connection closed\]/m],
		# One of its processes may live long enough to say so
		['kill -s KILL', qr/^354 $line(?:421 4\.3\.2 $line)?\n\[connection closed\]/m]) {
		my ($how, $sees) = @$_;
		my $said = talk(connect_from('127.0.0.2', 25), $greeting, message($how, hold => sub {
			inside_ok("systemctl $how 'smtp-stdio\@*.service'");
		}));
		like($said, $sees, "$how: what the client sees");
		is(scalar(with_subject($how)), 0, 'nothing is there that was not acknowledged');
		serves_as_ever("after $how");
	}
	# What a killed one was receiving may stay: in nobody's way, until somebody looks
	said('mailstore', 'check', '-r');
	is(join(' ', glob "$mail/mail/.incoming/*"), '', 'no part of it is anywhere');
};

# A session of POP3 that has marked the only message, when this is done to it: what it says.
sub marked_when
{
	my ($script) = @_;
	my $ok = qr/^\+OK$line\z/;
	return talk(connect_from('127.0.0.2', 110), $ok,
		["USER bob\@example.com\r\n", $ok], ["PASS secret\r\n", $ok], ["DELE 1\r\n", $ok],
		sub { inside_ok($script) },
		["QUIT\r\n", $ok]);
}

subtest 'the same in sessions of POP3' => sub {
	$gone += unlink stored($mail, 'bob@example.com');
	like(talk(connect_from('127.0.0.3', 25), $greeting, message('to be fetched')), $taken, 'there is a message');
	for my $how ('stop', 'kill -s KILL') {
		my $said = marked_when("systemctl $how 'pop3-stdio\@*.service'");
		like($said, qr/\A(?:\+OK$line){4}(?:-ERR \[SYS\/TEMP\]$line)?\n\[connection closed\]/, "$how: the session ends");
		is(scalar(with_subject('to be fetched')), 1, 'and has removed nothing');
		ok(until_true(sub { !instances('pop3-stdio') }, 120), 'no session stays, nor a unit that has failed');
	}
	my $said = marked_when('systemctl restart pop3-stdio.socket');
	my $ended = $said =~ /\A(?:\+OK$line){5}\z/;
	ok($ended || $said =~ /\A(?:\+OK$line){4}(?:-ERR$line)?\n\[connection closed\]\z/, 'restart: the session goes on, or ends') or diag($said);
	is(scalar(with_subject('to be fetched')), $ended ? 0 : 1, $ended ? 'and removes the message' : 'and has removed nothing');
	$gone++ if $ended;
	like(talk(connect_from('127.0.0.9', 110), qr/^\+OK$line\z/, ["QUIT\r\n", qr/^\+OK$line\z/]), qr/\A(?:\+OK$line){2}\z/, 'the port answers');
	ok(until_true(sub { !instances('pop3-stdio') }, 120), 'no session stays');
};

subtest 'whatever is asked for, a unit lets it be done' => sub {
	# More recipients, and mailboxes, than a session may have files open
	inside_ok("for n in \$(seq 100); do mailstore add -n u\$n\@example.com; done\n" .
		"mailstore add -n all\@example.com; mailstore forward all\@example.com \$(seq -f u%.0f\@example.com 100)\n" .
		'mailstore quota bob@example.com 500m');
	my $chunk = ("x" x 998 . "\r\n") x 4000;
	my $all = talk(connect_from('127.0.0.6', 25), $greeting,
		["EHLO client.example\r\n", qr/^250 $line\z/m],
		["MAIL FROM:<bob\@example.com> SIZE=8000000 SMTPUTF8 BODY=8BITMIME RET=HDRS ENVID=1\r\n", qr/^250 $line\z/],
		(map { ["RCPT TO:<u$_\@example.com> NOTIFY=SUCCESS\r\n", qr/^250 $line\z/] } 1 .. 100),
		["RCPT TO:<all\@example.com>\r\n", qr/^250 $line\z/],
		['BDAT ' . length($chunk) . "\r\n$chunk", qr/^250 $line\z/],
		['BDAT ' . length($chunk) . " LAST\r\n$chunk", qr/^$line\z/],
		["QUIT\r\n", qr/^221 $line\z/]);
	like($all, $taken, 'a big message to many, and to a forward');
	my @copies = map { stored($mail, "u$_\@example.com") } 1 .. 100;
	is(scalar @copies, 100, 'each has it once');
	is(scalar(grep { (stat)[3] != 100 } @copies), 0, 'and it was written once');
	is(scalar(grep { /^Subject: .*\n(?:.*\n)*(?:Original-)?Envelope-Id: 1$/mi } map { slurp($_) } stored($mail, 'bob@example.com')), 1, 'a report comes');
};

subtest 'an administrator who makes a mistake' => sub {
	my $directory = '/etc/systemd/system/smtp-stdio@.service.d';
	inside_ok("mkdir $directory\nprintf '[Service]\\nExecStart=\\nExecStart=/usr/local/sbin/smtp-stdio -Z\\n' >$directory/flags.conf\nsystemctl daemon-reload");
	# More of them than a unit that is started again and again would be allowed
	is(heard(connect_from('127.0.0.5', 25)), '', 'the client hears nothing that is no SMTP') for 1 .. 6;
	is(scalar(grep { $_->{MESSAGE} =~ /^unknown flag.*Z/ } journal('SYSLOG_IDENTIFIER=smtp-stdio')), 6, 'the journal says what is wrong');
	ok(until_true(sub { !instances('smtp-stdio') }), 'no unit that has failed stays');
	inside_ok("rm -r $directory\nsystemctl daemon-reload");
	serves_as_ever('mended');
};

journal_is_clear($gone);

subtest 'when the machine boots again' => sub {
	is(power_off(), 0, 'it goes down in order');
	boot();
	my @before = stored($mail, 'bob@example.com');
	serves_as_ever('booted again');
	is(scalar(stored($mail, 'bob@example.com')), @before + 1, 'and the mail is there');
	power_off();
};

done_testing();
