# The queue goes to Dovecot by LMTP (-l), which has a reply for each recipient behind the
# message: who is unknown, and who has no room.
use strict;
use warnings;
use lib 'tests/lib';
use Dovecot;
use PeerTest;
use QueueTest;
use Test::More;

need_dovecot();
need(lmtp => 'dovecot-lmtpd') if !-x '/usr/lib/dovecot/lmtp';

my ($user, $group) = (getpwnam 'mail')[2, 3];
my $mail = scratch_dir();
chown $user, $group, $mail or die "$mail: $!";
my @people = map { "$_\@example.net" } qw(alice bob carol);
my $users = spew(scratch_dir() . '/users', join '', map {
	"$_:{PLAIN}secret:$user:$group\::$mail/$_\::" . (/^bob/ ? 'userdb_quota_rule=*:bytes=1' : '') . "\n"
} @people);
my $port = free_port();
my $dovecot = Dovecot->new(settings => <<"END");
protocols = imap pop3 lmtp
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_plugins = quota
plugin {
	quota = maildir
	quota_rule = *:bytes=0
}
passdb {
	driver = passwd-file
	args = $users
}
userdb {
	driver = passwd-file
	args = $users
}
service lmtp {
	inet_listener lmtp {
		address = 127.0.0.1
		port = $port
	}
}
END
wait_for_port($port) or BAIL_OUT($dovecot->log);

my $root = mail_root('anna@client.example');
my @lmtp = ('-l', '-S', "127.0.0.1:$port");

# The recipients with what a run has said of each.
sub outcome
{
	my ($status, $log) = run_queue($root, @lmtp, @_);
	is($status, 0, 'all that was due was dealt with') or diag($log, $dovecot->log);
	return outcomes($log);
}

sub delivered
{
	my ($person) = @_;
	return map { slurp($_) } glob "$mail/$person/Maildir/new/*";
}

enqueue($root, from => 'anna@client.example', message => letter('four'), to => [@people, 'nobody@example.net']);
is(outcome(), 'alice@example.net=250 bob@example.net=552 carol@example.net=250 nobody@example.net=550', 'each has a reply'); ## smtp-send-queue-peers
is(join(' ', map { scalar delivered($_) } @people), '1 0 1', 'and who was told so has it');
my ($letter) = delivered('carol@example.net');
like($letter // '', qr/\n\n\.text of four\n\.\.\n\z/, 'every line of it');
like($letter // '', qr/^Return-Path: <anna\@client\.example>$/m, 'from whom it is');
is(join(' ', queue_ids($root)), '', 'nothing is left');
my $reports = join '', map { slurp($_) } stored($root, 'anna@client.example');
like($reports, qr/^Final-Recipient: rfc822; ?$_\@example\.net$/m, "a report about $_") for 'bob', 'nobody';

enqueue($root, from => 'anna@client.example', message => letter($_), to => ['alice@example.net', 'carol@example.net']) for 1 .. 20;
is(outcome('-j', 2), join(' ', ('alice@example.net=250') x 20, ('carol@example.net=250') x 20), 'many messages');
is(join(' ', map { scalar delivered($_) } @people), '21 0 21', 'each once');
done_testing();
